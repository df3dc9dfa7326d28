-- Which persons an article names: those of the summit, and heads of state, of government and of the United Nations in
-- June 2024, by the names that newspapers of its language give them. The offices are of the public record of that
-- month. Nothing is stored per article; a row more in person_names is a person more that is found.
CREATE SCHEMA IF NOT EXISTS wirewatch;

CREATE FUNCTION wirewatch.name_forms(word text, language text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN length($1) < 3 THEN ARRAY[$1]
        WHEN $2 IN ('ru', 'uk') THEN ARRAY[$1] || CASE
            WHEN $1 ~ '(ки|ыи|ьки)и$' THEN ARRAY(SELECT left($1, -2) || e FROM unnest('{ого,ому,им,ым,ом}'::text[]) e)
            WHEN $1 ~ 'а$' THEN ARRAY(SELECT left($1, -1) || e FROM unnest('{ы,и,і,е,у,ои,ою}'::text[]) e)
            WHEN $1 ~ 'я$' THEN ARRAY(SELECT left($1, -1) || e FROM unnest('{и,і,е,ю,еи,ею}'::text[]) e)
            WHEN $1 ~ '[ьи]$' THEN ARRAY(SELECT left($1, -1) || e FROM unnest('{я,ю,ем,е,і,єві,єм}'::text[]) e)
            WHEN $1 ~ 'о$' AND $2 = 'uk' THEN ARRAY(SELECT left($1, -1) || e FROM unnest('{а,у,ом,ові}'::text[]) e)
            WHEN $1 ~ '[бвгджзклмнпрстфхцчшщ]$' THEN ARRAY(SELECT $1 || e FROM unnest('{а,у,ом,ым,ем,е,им,ові,еві,і}'::text[]) e)
            ELSE '{}' END
        WHEN $2 = 'pl' THEN ARRAY[$1] || CASE
            WHEN $1 ~ 'da$' THEN ARRAY(SELECT left($1, -2) || e FROM unnest('{dy,dzie,de,do}'::text[]) e)
            WHEN $1 ~ 'a$' THEN ARRAY(SELECT left($1, -1) || e FROM unnest('{y,i,ie,e,o,ej}'::text[]) e)
            WHEN $1 ~ '[kc]i$' THEN ARRAY(SELECT $1 || e FROM unnest('{ego,emu,m}'::text[]) e)
            WHEN $1 ~ '[bcdfghjklłmnprstwxz]$' THEN ARRAY(SELECT $1 || e FROM unnest('{a,owi,em,iem,ie,u}'::text[]) e)
            ELSE '{}' END
        WHEN $2 = 'de' AND $1 !~ '[sxz]$' THEN ARRAY[$1, $1 || 's']
        ELSE ARRAY[$1] END
$$;
COMMENT ON FUNCTION wirewatch.name_forms IS
    'The cases of a word of a person''s name, folded as search_words folds: Russian, Ukrainian and Polish endings by the rules for surnames, the German genitive. Some forms are none of its own (of another gender, or of a name that does not change), and are words of nothing else. A word of two letters does not change.';

CREATE FUNCTION wirewatch.person_query(name text, language text) RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    WITH said AS (
        SELECT s.n, s.word, (SELECT string_agg(quote_literal(f), ' | ') FROM unnest(wirewatch.name_forms(s.word, $2)) f) AS forms
        FROM unnest(array_remove(string_to_array(btrim(public.search_words($1)), ' '), '')) WITH ORDINALITY AS s (word, n)),
    plain AS (SELECT string_agg('(' || forms || ')', ' <-> ' ORDER BY n) AS query, count(*) AS words, min(length(word)) AS shortest FROM said),
    -- A patronymic may stand between given name and family name.
    whole AS (SELECT CASE WHEN $2 IN ('ru', 'uk') AND p.words = 2 AND p.shortest > 3
                          THEN p.query || ' | ' || replace(p.query, ' <-> ', ' <2> ') ELSE p.query END AS query FROM plain p)
    SELECT (CASE $2 WHEN 'ru' THEN $q$!('площадь' | 'площади' | 'площадью' | 'имени' | 'университет' | 'университета' | 'проспект' | 'проспекте' | 'улица' | 'улице') <-> $q$
                    WHEN 'uk' THEN $q$!('площа' | 'площі' | 'площу' | 'імені' | 'університет' | 'університету' | 'проспект' | 'проспекті' | 'вулиця' | 'вулиці') <-> $q$
                    WHEN 'pl' THEN $q$!('plac' | 'placu' | 'imienia' | 'uniwersytet' | 'uniwersytetu' | 'ulica' | 'ulicy') <-> $q$
                    WHEN 'fr' THEN $q$!('place' | 'universite' | 'avenue' | 'rue') <-> $q$
                    WHEN 'es' THEN $q$!('plaza' | 'universidad' | 'avenida' | 'calle') <-> $q$
                    WHEN 'it' THEN $q$!('piazza' | 'universita' | 'viale' | 'via') <-> $q$
                    WHEN 'pt' THEN $q$!('praca' | 'universidade' | 'avenida' | 'rua') <-> $q$ ELSE '' END
            || '(' || w.query || ')'
            || CASE $2 WHEN 'en' THEN $q$ <-> !('square' | 'university' | 'airport' | 'stadium' | 'street' | 'avenue')$q$
                       WHEN 'de' THEN $q$ <-> !('platz' | 'platzes' | 'universitat' | 'strasse' | 'stadion')$q$
                       WHEN 'ko' THEN $q$ <-> !('광' | '종')$q$ WHEN 'ja' THEN $q$ <-> !('広')$q$
                       WHEN 'zh' THEN $q$ <-> !('广' | '廣' | '综' | '綜')$q$ ELSE '' END)::tsquery
    FROM whole w WHERE w.query IS NOT NULL
$$;
COMMENT ON FUNCTION wirewatch.person_query IS
    'What stands in article_words where a person is named: the words of the name one after the other, each in any of its cases, in Russian and Ukrainian with a patronymic between or without. In Korean, Japanese and Chinese its signs, whatever stands beside them, such as a particle. A square or university of that name does not count. No beginning of a word stands in it: stems without a place, which stand beside the words, would spoil a phrase.';

CREATE TABLE public.people (
    person  text PRIMARY KEY CHECK (person ~ '^[a-z]+(-[a-z]+)*$'),
    called  text NOT NULL CHECK (called <> ''),
    country text CHECK (country ~ '^[A-Z]{2}$'),
    office  text
);
COMMENT ON TABLE public.people IS 'Persons that articles are searched for: those of the summit of June 2024, and who led states and the United Nations then.';
COMMENT ON COLUMN public.people.person IS 'A short name of our own.';
COMMENT ON COLUMN public.people.called IS 'The name as English newspapers have it.';
COMMENT ON COLUMN public.people.country IS 'The country that the office is of, ISO 3166-1; null for organisations.';
COMMENT ON COLUMN public.people.office IS 'The office in June 2024, by the public record; null where none is told.';

CREATE TABLE public.person_names (
    person   text NOT NULL REFERENCES public.people ON DELETE CASCADE,
    language text NOT NULL CHECK (language ~ '^[a-z]{2,3}$'),
    name     text NOT NULL,
    words    tsquery NOT NULL GENERATED ALWAYS AS (wirewatch.person_query(name, language)) STORED,
    PRIMARY KEY (language, name)
);
CREATE INDEX person_names_person ON public.person_names (person);
COMMENT ON TABLE public.person_names IS
    'The names by which persons are found, by language: the family name alone where newspapers use it of nobody else, the full name elsewhere. A row more finds more.';
COMMENT ON COLUMN public.person_names.person IS 'people.person';
COMMENT ON COLUMN public.person_names.language IS 'BCP 47, the language alone.';
COMMENT ON COLUMN public.person_names.name IS 'As newspapers of the language write it, in the nominative.';
COMMENT ON COLUMN public.person_names.words IS 'What stands in article_words where it is named, made from name and language.';

INSERT INTO public.people (person, called, country, office) VALUES
('putin','Vladimir Putin','RU','president'),('mishustin','Mikhail Mishustin','RU','prime minister'),
('lavrov','Sergei Lavrov','RU','foreign minister'),('belousov','Andrei Belousov','RU','defence minister'),
('shoigu','Sergei Shoigu','RU','secretary of the Security Council'),
('medvedev','Dmitry Medvedev','RU','deputy chairman of the Security Council'),
('peskov','Dmitry Peskov','RU','spokesman of the president'),('ushakov','Yuri Ushakov','RU','aide of the president'),
('zakharova','Maria Zakharova','RU','spokeswoman of the foreign ministry'),
('manturov','Denis Manturov','RU','first deputy prime minister'),
('novak','Alexander Novak','RU','deputy prime minister'),
('kozlov','Alexander Kozlov','RU','minister of natural resources'),
('starovoit','Roman Starovoit','RU','minister of transport'),('murashko','Mikhail Murashko','RU','minister of health'),
('krivoruchko','Alexei Krivoruchko','RU','deputy defence minister'),
('borisov','Yuri Borisov','RU','head of Roscosmos'),('belozyorov','Oleg Belozyorov','RU','head of the railways'),
('kozhemyako','Oleg Kozhemyako','RU','governor of Primorye'),
('matsegora','Alexander Matsegora','RU','ambassador in Pyongyang'),
('nebenzya','Vasily Nebenzya','RU','ambassador to the United Nations'),('kim-jong-un','Kim Jong Un','KP','leader'),
('kim-yo-jong','Kim Yo Jong','KP','deputy department director of the party'),
('choe-son-hui','Choe Son Hui','KP','foreign minister'),('kim-tok-hun','Kim Tok Hun','KP','premier'),
('choe-ryong-hae','Choe Ryong Hae','KP','chairman of the parliament''s standing committee'),
('jo-yong-won','Jo Yong Won','KP','secretary of the party'),
('pak-jong-chon','Pak Jong Chon','KP','marshal, secretary of the party'),
('kang-sun-nam','Kang Sun Nam','KP','defence minister'),
('kim-song-nam','Kim Song Nam','KP','head of the party''s international department'),
('kim-song','Kim Song','KP','ambassador to the United Nations'),
('kim-ju-ae','Kim Ju Ae','KP','daughter of the leader'),('ri-sol-ju','Ri Sol Ju','KP','wife of the leader'),
('kim-jong-il','Kim Jong Il','KP','leader until 2011'),('kim-il-sung','Kim Il Sung','KP','leader until 1994'),
('yoon-suk-yeol','Yoon Suk Yeol','KR','president'),('han-duck-soo','Han Duck-soo','KR','prime minister'),
('cho-tae-yul','Cho Tae-yul','KR','foreign minister'),('shin-won-sik','Shin Won-sik','KR','defence minister'),
('chang-ho-jin','Chang Ho-jin','KR','national security adviser'),
('kim-hong-kyun','Kim Hong-kyun','KR','first vice foreign minister'),
('kim-yung-ho','Kim Yung-ho','KR','unification minister'),('moon-jae-in','Moon Jae-in','KR','president until 2022'),
('lee-jae-myung','Lee Jae-myung','KR','leader of the Democratic Party'),('biden','Joe Biden','US','president'),
('harris','Kamala Harris','US','vice president'),('trump','Donald Trump','US','president until 2021'),
('blinken','Antony Blinken','US','secretary of state'),('austin','Lloyd Austin','US','secretary of defence'),
('sullivan','Jake Sullivan','US','national security adviser'),
('kirby','John Kirby','US','spokesman of the National Security Council'),
('miller','Matthew Miller','US','spokesman of the State Department'),
('jean-pierre','Karine Jean-Pierre','US','spokeswoman of the White House'),
('ryder','Pat Ryder','US','spokesman of the Pentagon'),('campbell','Kurt Campbell','US','deputy secretary of state'),
('kishida','Fumio Kishida','JP','prime minister'),('hayashi','Yoshimasa Hayashi','JP','chief cabinet secretary'),
('kamikawa','Yoko Kamikawa','JP','foreign minister'),('kihara','Minoru Kihara','JP','defence minister'),
('xi','Xi Jinping','CN','president'),('li-qiang','Li Qiang','CN','premier'),
('wang-yi','Wang Yi','CN','foreign minister'),('lin-jian','Lin Jian','CN','spokesman of the foreign ministry'),
('mao-ning','Mao Ning','CN','spokeswoman of the foreign ministry'),
('sun-weidong','Sun Weidong','CN','deputy foreign minister'),('to-lam','To Lam','VN','president'),
('nguyen-phu-trong','Nguyen Phu Trong','VN','general secretary of the party'),
('pham-minh-chinh','Pham Minh Chinh','VN','prime minister'),
('guterres','António Guterres',NULL,'secretary-general of the United Nations'),
('dujarric','Stéphane Dujarric',NULL,'spokesman of the United Nations'),
('grossi','Rafael Grossi',NULL,'director general of the IAEA'),
('stoltenberg','Jens Stoltenberg',NULL,'secretary general of NATO'),
('borrell','Josep Borrell',NULL,'foreign policy chief of the EU'),
('von-der-leyen','Ursula von der Leyen',NULL,'president of the European Commission'),
('charles-michel','Charles Michel',NULL,'president of the European Council'),('francis','Pope Francis','VA','pope'),
('zelensky','Volodymyr Zelensky','UA','president'),('kuleba','Dmytro Kuleba','UA','foreign minister'),
('podolyak','Mykhailo Podolyak','UA','adviser of the president'),
('lukashenko','Alexander Lukashenko','BY','president'),('macron','Emmanuel Macron','FR','president'),
('scholz','Olaf Scholz','DE','chancellor'),('steinmeier','Frank-Walter Steinmeier','DE','president'),
('baerbock','Annalena Baerbock','DE','foreign minister'),('sunak','Rishi Sunak','GB','prime minister'),
('cameron','David Cameron','GB','foreign secretary'),('starmer','Keir Starmer','GB','leader of the Labour Party'),
('meloni','Giorgia Meloni','IT','prime minister'),('sanchez','Pedro Sánchez','ES','prime minister'),
('trudeau','Justin Trudeau','CA','prime minister'),('albanese','Anthony Albanese','AU','prime minister'),
('wong-penny','Penny Wong','AU','foreign minister'),('modi','Narendra Modi','IN','prime minister'),
('erdogan','Recep Tayyip Erdoğan','TR','president'),('orban','Viktor Orbán','HU','prime minister'),
('duda','Andrzej Duda','PL','president'),('tusk','Donald Tusk','PL','prime minister'),
('sikorski','Radosław Sikorski','PL','foreign minister'),('netanyahu','Benjamin Netanyahu','IL','prime minister'),
('khamenei','Ali Khamenei','IR','supreme leader'),('raisi','Ebrahim Raisi','IR','president until May 2024'),
('assad','Bashar al-Assad','SY','president'),('lula','Luiz Inácio Lula da Silva','BR','president'),
('milei','Javier Milei','AR','president'),('lopez-obrador','Andrés Manuel López Obrador','MX','president'),
('maduro','Nicolás Maduro','VE','president'),('diaz-canel','Miguel Díaz-Canel','CU','president'),
('ramaphosa','Cyril Ramaphosa','ZA','president'),('tokayev','Kassym-Jomart Tokayev','KZ','president'),
('vucic','Aleksandar Vučić','RS','president'),('lai','Lai Ching-te','TW','president'),
('wong-lawrence','Lawrence Wong','SG','prime minister'),('marcos','Ferdinand Marcos','PH','president'),
('joko-widodo','Joko Widodo','ID','president'),('sisi','Abdel Fattah el-Sisi','EG','president'),
('mbs','Mohammed bin Salman','SA','crown prince'),
('gorbachev','Mikhail Gorbachev','RU','president of the Soviet Union until 1991'),
('yeltsin','Boris Yeltsin','RU','president until 1999'),
('stalin','Joseph Stalin','RU','leader of the Soviet Union until 1953');

WITH given (person, language, names) AS (VALUES
('putin','en','Putin'),('putin','fr','Poutine'),('putin','ru','Путин'),('putin','uk','Путін'),('putin','ko','푸틴|뿌찐'),
('putin','ja','プーチン'),('putin','zh','普京|普丁|蒲亭'),('mishustin','en','Mishustin'),('mishustin','fr','Michoustine'),
('mishustin','de','Mischustin'),('mishustin','pl','Miszustin'),('mishustin','ru','Мишустин'),
('mishustin','uk','Мішустін'),('mishustin','ko','미슈스틴'),('mishustin','ja','ミシュスチン'),('mishustin','zh','米舒斯京'),
('lavrov','en','Lavrov'),('lavrov','de','Lawrow'),('lavrov','pl','Ławrow'),('lavrov','ru','Лавров'),
('lavrov','uk','Лавров'),('lavrov','ko','라브로프'),('lavrov','ja','ラブロフ'),('lavrov','zh','拉夫罗夫|拉夫羅夫'),
('belousov','en','Belousov'),('belousov','fr','Belooussov|Beloussov|Biélooussov'),
('belousov','de','Beloussow|Belousow'),('belousov','es','Belousov|Beloúsov'),('belousov','pl','Biełousow'),
('belousov','ru','Белоусов'),('belousov','uk','Бєлоусов|Білоусов'),('belousov','ko','벨로우소프'),
('belousov','ja','ベロウソフ|ベロウーソフ'),('belousov','zh','别洛乌索夫|貝洛烏索夫'),('shoigu','en','Shoigu'),('shoigu','fr','Choïgou'),
('shoigu','de','Schoigu'),('shoigu','es','Shoigú|Shoigu'),('shoigu','pl','Szojgu'),('shoigu','ru','Шойгу'),
('shoigu','uk','Шойгу'),('shoigu','ko','쇼이구'),('shoigu','ja','ショイグ'),('shoigu','zh','绍伊古|紹伊古'),
('medvedev','en','Dmitry Medvedev|Dmitri Medvedev'),('medvedev','fr','Dmitri Medvedev'),('medvedev','de','Medwedew'),
('medvedev','es','Dmitri Medvédev|Dmitry Medvedev'),('medvedev','pl','Miedwiediew'),
('medvedev','ru','Дмитрий Медведев'),('medvedev','uk','Дмитро Медведєв|Дмитро Медведев'),('medvedev','ko','메드베데프'),
('medvedev','ja','メドベージェフ|メドヴェージェフ'),('medvedev','zh','梅德韦杰夫|梅德韋傑夫'),('peskov','en','Peskov'),('peskov','de','Peskow'),
('peskov','pl','Pieskow'),('peskov','ru','Песков'),('peskov','uk','Пєсков|Песков'),('peskov','ko','페스코프'),
('peskov','ja','ペスコフ'),('peskov','zh','佩斯科夫'),('ushakov','en','Ushakov'),('ushakov','fr','Ouchakov'),
('ushakov','de','Uschakow'),('ushakov','pl','Uszakow'),('ushakov','ru','Ушаков'),('ushakov','uk','Ушаков'),
('ushakov','ko','우샤코프'),('ushakov','ja','ウシャコフ'),('ushakov','zh','乌沙科夫|烏沙科夫'),('zakharova','en','Zakharova'),
('zakharova','de','Sacharowa'),('zakharova','es','Zajárova|Zakharova'),('zakharova','pl','Zacharowa'),
('zakharova','ru','Захарова'),('zakharova','uk','Захарова'),('zakharova','ko','자하로바'),('zakharova','ja','ザハロワ'),
('zakharova','zh','扎哈罗娃|扎哈羅娃'),('manturov','en','Manturov'),('manturov','fr','Mantourov'),('manturov','de','Manturow'),
('manturov','es','Mánturov|Manturov'),('manturov','pl','Manturow'),('manturov','ru','Мантуров'),
('manturov','uk','Мантуров'),('manturov','ko','만투로프'),('manturov','ja','マントゥロフ'),('manturov','zh','曼图罗夫|曼圖羅夫'),
('novak','en','Alexander Novak|Aleksandr Novak'),('novak','fr','Alexandre Novak'),('novak','de','Alexander Nowak'),
('novak','es','Alexandr Novak|Alexander Novak|Aleksandr Novak'),('novak','pl','Aleksandr Nowak'),
('novak','ru','Александр Новак'),('novak','uk','Олександр Новак'),('novak','ko','알렉산드르 노바크|노박 부총리|노바크'),
('novak','ja','ノバク副首相|ノワク'),('novak','zh','诺瓦克|諾瓦克'),('kozlov','en','Alexander Kozlov|Aleksandr Kozlov'),
('kozlov','fr','Alexandre Kozlov'),('kozlov','de','Alexander Koslow'),
('kozlov','es','Alexandr Kozlov|Alexander Kozlov|Alexánder Kozlov|Aleksandr Kozlov'),
('kozlov','pl','Aleksandr Kozłow'),('kozlov','ru','Александр Козлов'),('kozlov','uk','Олександр Козлов'),
('kozlov','ko','코즐로프'),('kozlov','ja','コズロフ'),('kozlov','zh','科兹洛夫|科茲洛夫'),('starovoit','en','Starovoit|Starovoyt'),
('starovoit','fr','Starovoït'),('starovoit','de','Starowoit'),('starovoit','es','Starovoit'),
('starovoit','pl','Starowojt'),('starovoit','ru','Старовойт'),('starovoit','uk','Старовойт'),
('starovoit','ko','스타로보이트'),('starovoit','ja','スタロボイト'),('starovoit','zh','斯塔罗沃伊特'),('murashko','en','Murashko'),
('murashko','fr','Mourachko'),('murashko','de','Muraschko'),('murashko','pl','Muraszko'),('murashko','ru','Мурашко'),
('murashko','uk','Мурашко'),('murashko','ko','무라시코|무라쉬코'),('murashko','ja','ムラシコ'),('murashko','zh','穆拉什科'),
('krivoruchko','en','Krivoruchko'),('krivoruchko','fr','Krivoroutchko'),('krivoruchko','de','Kriworutschko'),
('krivoruchko','pl','Kriworuczko'),('krivoruchko','ru','Криворучко'),('krivoruchko','uk','Криворучко'),
('krivoruchko','ko','크리보루치코'),('krivoruchko','ja','クリボルチコ'),('krivoruchko','zh','克里沃鲁奇科'),
('borisov','en','Yuri Borisov|Yury Borisov'),('borisov','fr','Iouri Borissov|Youri Borissov'),
('borisov','de','Juri Borissow'),('borisov','es','Yuri Borísov|Yuri Borisov'),('borisov','pl','Jurij Borisow'),
('borisov','ru','Юрий Борисов'),('borisov','uk','Юрій Борисов'),('borisov','ko','유리 보리소프|보리소프'),
('borisov','ja','ユーリー・ボリソフ|ボリソフ'),('borisov','zh','鲍里索夫'),('belozyorov','en','Belozyorov|Belozerov'),
('belozyorov','fr','Belozerov|Beloziorov'),('belozyorov','de','Beloserow|Beloserjow'),
('belozyorov','es','Belozerov|Beloziórov'),('belozyorov','pl','Biełoziorow'),('belozyorov','ru','Белозеров|Белозёров'),
('belozyorov','uk','Белозьоров'),('belozyorov','ko','벨로제로프'),('belozyorov','ja','ベロジョロフ'),('belozyorov','zh','别洛焦罗夫'),
('kozhemyako','en','Kozhemyako|Kozhemiako'),('kozhemyako','fr','Kojemiako'),('kozhemyako','de','Koschemjako'),
('kozhemyako','es','Kozhemiako|Kozhemyako'),('kozhemyako','pl','Kożemiako'),('kozhemyako','ru','Кожемяко'),
('kozhemyako','uk','Кожем''яко'),('kozhemyako','ko','코제먀코|코제먀카'),('kozhemyako','ja','コジェミャコ'),
('kozhemyako','zh','科热米亚科|科热米亚卡'),('matsegora','en','Matsegora'),('matsegora','de','Mazegora'),
('matsegora','pl','Macegora'),('matsegora','ru','Мацегора'),('matsegora','uk','Мацегора'),('matsegora','ko','마체고라'),
('matsegora','ja','マツェゴラ'),('matsegora','zh','马采戈拉|馬采戈拉'),('nebenzya','en','Nebenzya|Nebenzia'),
('nebenzya','fr','Nebenzia'),('nebenzya','de','Nebensja'),('nebenzya','es','Nebenzia'),('nebenzya','pl','Niebienzia'),
('nebenzya','ru','Небензя'),('nebenzya','uk','Небензя'),('nebenzya','ko','네벤자|네벤쟈'),('nebenzya','ja','ネベンジャ'),
('nebenzya','zh','涅边贾|涅邊賈'),('kim-jong-un','en','Kim Jong Un'),('kim-jong-un','de','Kim Jong Un|Kim Jong Uns'),
('kim-jong-un','pl','Kim Dzong Un|Kim Jong Un|Kim Dzong Una|Kim Dzong Unem|Kim Dzong Unowi|Kim Jong Una|Kim Jong Unem|Kim Jong Unowi|Kima Dzong Una|Kimowi Dzong Unowi|Kimem Dzong Unem|Kima Jong Una|Kimem Jong Unem|Kimowi Jong Unowi'),
('kim-jong-un','ru','Ким Чен Ын|Ким Чон Ын|Ким Чен Ына|Ким Чен Ыну|Ким Чен Ыном|Ким Чен Ыне|Ким Чон Ына|Ким Чон Ыну|Ким Чон Ыном|Ким Чон Ыне'),
('kim-jong-un','uk','Кім Чен Ин|Кім Чен Ина|Кім Чен Ину|Кім Чен Ином|Кім Чен Ині|Кім Чен Ину|Кім Чен Ином|Кім Чон Ин|Кім Чен Ун|Кім Чен Уна|Кім Чен Уном'),
('kim-jong-un','ko','김정은|金正恩'),('kim-jong-un','ja','金正恩|キム・ジョンウン'),('kim-jong-un','zh','金正恩'),
('kim-yo-jong','en','Kim Yo Jong'),('kim-yo-jong','pl','Kim Jo Dzong|Kim Yo Jong'),
('kim-yo-jong','ru','Ким Ё Чжон|Ким Е Чжон|Ким Ё Чен|Ким Ё Джонг'),('kim-yo-jong','uk','Кім Йо Чжон|Кім Е Чжон'),
('kim-yo-jong','ko','김여정'),('kim-yo-jong','ja','金与正|キム・ヨジョン'),('kim-yo-jong','zh','金与正|金與正'),
('choe-son-hui','en','Choe Son Hui|Choe Sun Hui|Choi Son Hui|Choe Son-hui|Choi Sun Hee'),
('choe-son-hui','pl','Czo Son Hui|Choe Son Hui|Czhö Son Hi'),('choe-son-hui','ru','Цой Сон Хи|Чхве Сон Хи|Чве Сон Хи'),
('choe-son-hui','uk','Чхве Сон Хі|Чой Сон Хі|Цой Сон Хі'),('choe-son-hui','ko','최선희'),
('choe-son-hui','ja','崔善姫|チェ・ソンヒ'),('choe-son-hui','zh','崔善姬'),
('kim-tok-hun','en','Kim Tok Hun|Kim Tok Hoon|Kim Dok Hun'),('kim-tok-hun','ru','Ким Ток Хун|Ким Док Хун'),
('kim-tok-hun','uk','Кім Ток Хун|Кім Док Хун'),('kim-tok-hun','ko','김덕훈'),('kim-tok-hun','ja','金徳訓|キム・ドクフン'),
('kim-tok-hun','zh','金德训|金德訓'),('choe-ryong-hae','en','Choe Ryong Hae|Choi Ryong Hae'),
('choe-ryong-hae','ru','Цой Рён Хэ|Чхве Рён Хэ|Цой Рен Хэ'),('choe-ryong-hae','uk','Чхве Рьон Хе'),
('choe-ryong-hae','ko','최룡해|최용해'),('choe-ryong-hae','ja','崔竜海|崔龍海'),('choe-ryong-hae','zh','崔龙海|崔龍海'),
('jo-yong-won','en','Jo Yong Won|Cho Yong Won'),('jo-yong-won','ru','Чо Ён Вон|Чо Ен Вон'),('jo-yong-won','ko','조용원'),
('jo-yong-won','ja','趙甬元'),('jo-yong-won','zh','赵甬元|趙甬元'),('pak-jong-chon','en','Pak Jong Chon|Park Jong Chon'),
('pak-jong-chon','ru','Пак Чон Чхон|Пак Чон Чон'),('pak-jong-chon','ko','박정천'),('pak-jong-chon','ja','朴正天'),
('pak-jong-chon','zh','朴正天'),('kang-sun-nam','en','Kang Sun Nam'),('kang-sun-nam','ru','Кан Сун Нам'),
('kang-sun-nam','ko','강순남'),('kang-sun-nam','ja','強純男|姜純男'),('kang-sun-nam','zh','强纯男'),
('kim-song-nam','en','Kim Song Nam'),('kim-song-nam','ru','Ким Сон Нам'),('kim-song-nam','ko','김성남'),
('kim-song-nam','ja','金成男'),('kim-song-nam','zh','金成男'),('kim-song','en','ambassador Kim Song'),
('kim-song','ko','김성 유엔|김성 대사'),('kim-song','ja','金星大使'),('kim-song','zh','金星大使'),
('kim-ju-ae','en','Kim Ju Ae|Kim Joo Ae'),('kim-ju-ae','ru','Ким Чжу Э|Ким Джу Э'),('kim-ju-ae','ko','김주애'),
('kim-ju-ae','ja','キム・ジュエ|金主愛'),('kim-ju-ae','zh','金主爱|金主愛'),('ri-sol-ju','en','Ri Sol Ju'),
('ri-sol-ju','ru','Ли Соль Чжу|Ри Соль Чжу'),('ri-sol-ju','ko','리설주|이설주'),('ri-sol-ju','ja','李雪主'),
('ri-sol-ju','zh','李雪主'),('kim-jong-il','en','Kim Jong Il'),('kim-jong-il','de','Kim Jong Il|Kim Jong Ils'),
('kim-jong-il','pl','Kim Dzong Il|Kim Jong Il'),
('kim-jong-il','ru','Ким Чен Ир|Ким Чен Ира|Ким Чен Иру|Ким Чен Иром|Ким Чен Ире'),
('kim-jong-il','uk','Кім Чен Ір|Кім Чен Іра|Кім Чен Іром'),('kim-jong-il','ko','김정일'),
('kim-jong-il','ja','金正日|キム・ジョンイル'),('kim-jong-il','zh','金正日'),('kim-il-sung','en','Kim Il Sung'),
('kim-il-sung','de','Kim Il Sung|Kim Il Sungs'),('kim-il-sung','pl','Kim Ir Sen|Kim Ir Sena'),
('kim-il-sung','ru','Ким Ир Сен|Ким Ир Сена|Ким Ир Сену|Ким Ир Сеном|Ким Ир Сене'),
('kim-il-sung','uk','Кім Ір Сен|Кім Ір Сена|Кім Ір Сеном'),('kim-il-sung','ko','김일성'),
('kim-il-sung','ja','金日成|キム・イルソン'),('kim-il-sung','zh','金日成'),
('yoon-suk-yeol','en','Yoon Suk Yeol|President Yoon|Yoon Suk-yeol|Yoon Seok Yeol'),
('yoon-suk-yeol','fr','Yoon Suk Yeol|président Yoon'),
('yoon-suk-yeol','de','Yoon Suk Yeol|Präsident Yoon|Präsidenten Yoon'),
('yoon-suk-yeol','es','Yoon Suk Yeol|presidente Yoon'),('yoon-suk-yeol','pl','Yoon Suk Yeol|Jun Suk Jol'),
('yoon-suk-yeol','ru','Юн Сок Ёль|Юн Сок Ель|Юн Сок Ёля|Юн Сок Ёлем|Юн Сок Ёлю|Юн Сок Еля'),
('yoon-suk-yeol','uk','Юн Сок Йоль|Юн Сок Йоля|Юн Сок Йолем'),('yoon-suk-yeol','ko','윤석열|윤 대통령'),
('yoon-suk-yeol','ja','尹錫悦|尹大統領|ユン・ソンニョル'),('yoon-suk-yeol','zh','尹锡悦|尹錫悅'),('han-duck-soo','en','Han Duck soo'),
('han-duck-soo','ru','Хан Док Су'),('han-duck-soo','ko','한덕수'),('han-duck-soo','ja','韓悳洙|ハン・ドクス'),
('han-duck-soo','zh','韩悳洙|韓悳洙'),('cho-tae-yul','en','Cho Tae yul|Cho Tae yeol'),
('cho-tae-yul','ru','Чо Тхэ Ёль|Чо Тхэ Ель|Чо Тхэ Юль'),('cho-tae-yul','ko','조태열'),('cho-tae-yul','ja','趙兌烈|チョ・テヨル'),
('cho-tae-yul','zh','赵兑烈|趙兌烈'),('shin-won-sik','en','Shin Won sik'),('shin-won-sik','ru','Син Вон Сик|Шин Вон Сик'),
('shin-won-sik','ko','신원식'),('shin-won-sik','ja','申源湜|シン・ウォンシク'),('shin-won-sik','zh','申源湜'),
('chang-ho-jin','en','Chang Ho jin|Jang Ho jin'),('chang-ho-jin','ru','Чан Хо Чжин|Чан Хо Джин'),
('chang-ho-jin','ko','장호진'),('chang-ho-jin','ja','張虎鎮|チャン・ホジン'),('chang-ho-jin','zh','张虎镇|張虎鎮'),
('kim-hong-kyun','en','Kim Hong kyun'),('kim-hong-kyun','ru','Ким Хон Гюн'),('kim-hong-kyun','ko','김홍균'),
('kim-hong-kyun','ja','金烘均|キム・ホンギュン'),('kim-hong-kyun','zh','金烘均|金洪均'),('kim-yung-ho','en','Kim Yung ho'),
('kim-yung-ho','ru','Ким Ён Хо'),('kim-yung-ho','ko','김영호'),('kim-yung-ho','ja','金暎浩|キム・ヨンホ'),
('kim-yung-ho','zh','金暎浩'),('moon-jae-in','en','Moon Jae in'),('moon-jae-in','ru','Мун Чжэ Ин|Мун Чжэ Ина'),
('moon-jae-in','uk','Мун Чже Ін'),('moon-jae-in','ko','문재인'),('moon-jae-in','ja','文在寅'),('moon-jae-in','zh','文在寅'),
('lee-jae-myung','en','Lee Jae myung'),('lee-jae-myung','ru','Ли Чжэ Мён'),('lee-jae-myung','uk','Лі Чже Мьон'),
('lee-jae-myung','ko','이재명'),('lee-jae-myung','ja','李在明'),('lee-jae-myung','zh','李在明'),('biden','en','Biden'),
('biden','ru','Байден'),('biden','uk','Байден'),('biden','ko','바이든'),('biden','ja','バイデン'),('biden','zh','拜登'),
('harris','en','Kamala Harris'),('harris','ru','Камала Харрис|Камалы Харрис|Камалой Харрис'),
('harris','uk','Камала Гарріс'),('harris','ko','카멀라 해리스'),('harris','ja','カマラ・ハリス'),('harris','zh','哈里斯|賀錦麗'),
('trump','en','Donald Trump|Trump'),('trump','pl','Trump'),('trump','ru','Трамп'),('trump','uk','Трамп'),
('trump','ko','트럼프'),('trump','ja','トランプ前大統領|トランプ氏|ドナルド・トランプ|トランプ大統領'),('trump','zh','特朗普|川普'),
('blinken','en','Blinken'),('blinken','ru','Блинкен'),('blinken','uk','Блінкен'),('blinken','ko','블링컨'),
('blinken','ja','ブリンケン'),('blinken','zh','布林肯'),('austin','en','Lloyd Austin|Secretary Austin'),
('austin','pl','Lloyd Austin'),('austin','ru','Ллойд Остин'),('austin','uk','Ллойд Остін'),
('austin','ko','오스틴 국방|오스틴 미 국방|로이드 오스틴'),('austin','ja','オースティン国防|オースティン米国防|ロイド・オースティン'),('austin','zh','奥斯汀|奧斯汀'),
('sullivan','en','Jake Sullivan'),('sullivan','ru','Джейк Салливан|Салливан'),('sullivan','uk','Джейк Салліван'),
('sullivan','ko','제이크 설리번|설리번'),('sullivan','ja','サリバン補佐官|ジェイク・サリバン|サリバン大統領補佐官'),('sullivan','zh','沙利文|蘇利文'),
('kirby','en','John Kirby'),('kirby','ru','Джон Кирби'),('kirby','uk','Джон Кірбі'),
('kirby','ko','존 커비|커비 보좌관|커비 백악관'),('kirby','ja','カービー'),('kirby','zh','柯比'),('miller','en','Matthew Miller'),
('miller','ru','Мэтью Миллер'),('miller','uk','Метью Міллер'),('miller','ko','매슈 밀러|매튜 밀러|밀러 대변인'),
('miller','ja','ミラー報道官|マシュー・ミラー'),('miller','zh','米勒'),('jean-pierre','en','Karine Jean Pierre'),
('jean-pierre','ru','Карин Жан Пьер'),('jean-pierre','uk','Карін Жан П''єр'),('jean-pierre','ko','카린 장 피에르|장피에르'),
('jean-pierre','ja','ジャンピエール|ジャン＝ピエール'),('jean-pierre','zh','让 皮埃尔|讓 皮埃爾'),('ryder','en','Pat Ryder|Patrick Ryder'),
('ryder','ru','Пат Райдер|Патрик Райдер'),('ryder','ko','라이더 국방부|팻 라이더|패트릭 라이더'),('ryder','ja','ライダー報道官'),
('ryder','zh','莱德'),('campbell','en','Kurt Campbell'),('campbell','ru','Курт Кэмпбелл'),
('campbell','uk','Курт Кемпбелл'),('campbell','ko','커트 캠벨|캠벨 국무|캠벨 부장관'),('campbell','ja','キャンベル国務副長官|カート・キャンベル'),
('campbell','zh','坎贝尔|坎貝爾'),('kishida','en','Kishida'),('kishida','ru','Кисида'),('kishida','uk','Кісіда|Кішіда'),
('kishida','ko','기시다'),('kishida','ja','岸田'),('kishida','zh','岸田文雄|岸田'),
('hayashi','en','Yoshimasa Hayashi|Hayashi Yoshimasa'),('hayashi','ru','Ёсимаса Хаяси|Хаяси'),
('hayashi','ko','하야시 요시마사|하야시'),('hayashi','ja','林官房長官|林芳正'),('hayashi','zh','林芳正'),('kamikawa','en','Kamikawa'),
('kamikawa','ru','Камикава'),('kamikawa','uk','Камікава'),('kamikawa','ko','가미카와'),
('kamikawa','ja','上川外相|上川陽子|上川外務大臣'),('kamikawa','zh','上川阳子|上川陽子'),('kihara','en','Minoru Kihara'),
('kihara','ru','Минору Кихара'),('kihara','ko','기하라 미노루|기하라'),('kihara','ja','木原防衛|木原稔'),('kihara','zh','木原稔'),
('xi','en','Xi Jinping'),('xi','ru','Си Цзиньпин'),('xi','uk','Сі Цзіньпін'),('xi','ko','시진핑'),('xi','ja','習近平|习近平'),
('xi','zh','习近平|習近平'),('li-qiang','en','Li Qiang'),('li-qiang','ru','Ли Цян'),('li-qiang','uk','Лі Цян'),
('li-qiang','ko','리창'),('li-qiang','ja','李強首相|李強'),('li-qiang','zh','李强|李強'),('wang-yi','en','Wang Yi'),
('wang-yi','ru','Ван И'),('wang-yi','uk','Ван І'),('wang-yi','ko','왕이 외교|왕이 중국|왕이 부장|왕이 당'),('wang-yi','ja','王毅'),
('wang-yi','zh','王毅'),('lin-jian','en','Lin Jian'),('lin-jian','ru','Линь Цзянь|Линь Цзяня'),
('lin-jian','uk','Лінь Цзянь'),('lin-jian','ko','린젠'),('lin-jian','ja','林剣|リン・ジエン'),('lin-jian','zh','林剑|林劍'),
('mao-ning','en','Mao Ning'),('mao-ning','ru','Мао Нин'),('mao-ning','uk','Мао Нін'),('mao-ning','ko','마오닝'),
('mao-ning','ja','毛寧'),('mao-ning','zh','毛宁|毛寧'),('sun-weidong','en','Sun Weidong'),('sun-weidong','ru','Сунь Вэйдун'),
('sun-weidong','ko','쑨웨이둥'),('sun-weidong','ja','孫衛東'),('sun-weidong','zh','孙卫东|孫衛東'),('to-lam','en','To Lam|Tô Lâm'),
('to-lam','ru','То Лам'),('to-lam','uk','То Лам'),('to-lam','ko','또럼|또 럼'),('to-lam','ja','トー・ラム'),
('to-lam','zh','苏林|蘇林'),('nguyen-phu-trong','en','Phu Trong'),('nguyen-phu-trong','ru','Нгуен Фу Чонг|Фу Чонг'),
('nguyen-phu-trong','uk','Нгуєн Фу Чонг'),('nguyen-phu-trong','ko','응우옌 푸 쫑|응우옌푸쫑'),
('nguyen-phu-trong','ja','グエン・フー・チョン'),('nguyen-phu-trong','zh','阮富仲'),('pham-minh-chinh','en','Pham Minh Chinh'),
('pham-minh-chinh','ru','Фам Минь Тинь'),('pham-minh-chinh','uk','Фам Мінь Тінь'),('pham-minh-chinh','ko','팜 민 찐|팜민찐'),
('pham-minh-chinh','ja','ファム・ミン・チン'),('pham-minh-chinh','zh','范明政'),('guterres','en','Guterres'),
('guterres','ru','Гутерриш'),('guterres','uk','Гутерреш|Гутерріш'),('guterres','ko','구테흐스'),('guterres','ja','グテーレス'),
('guterres','zh','古特雷斯'),('dujarric','en','Dujarric'),('dujarric','ru','Дюжаррик'),('dujarric','uk','Дюжаррік'),
('dujarric','ko','뒤자리크'),('dujarric','ja','デュジャリック'),('dujarric','zh','迪雅里克|杜加里克'),('grossi','en','Rafael Grossi'),
('grossi','ru','Гросси'),('grossi','uk','Гроссі'),('grossi','ko','그로시 사무총장|라파엘 그로시'),('grossi','ja','グロッシ'),
('grossi','zh','格罗西|格羅西'),('stoltenberg','en','Stoltenberg'),('stoltenberg','ru','Столтенберг'),
('stoltenberg','uk','Столтенберг'),('stoltenberg','ko','스톨텐베르그'),('stoltenberg','ja','ストルテンベルグ'),
('stoltenberg','zh','斯托尔滕贝格|史托騰柏格'),('borrell','en','Borrell'),('borrell','ru','Боррель'),('borrell','uk','Боррель'),
('borrell','ko','보렐'),('borrell','ja','ボレル'),('borrell','zh','博雷利'),('von-der-leyen','en','von der Leyen'),
('von-der-leyen','ru','фон дер Ляйен'),('von-der-leyen','uk','фон дер Ляєн'),('von-der-leyen','ko','폰데어라이엔|폰 데어 라이엔'),
('von-der-leyen','ja','フォンデアライエン'),('von-der-leyen','zh','冯德莱恩|馮德萊恩'),('charles-michel','en','Charles Michel'),
('charles-michel','ru','Шарль Мишель'),('charles-michel','uk','Шарль Мішель'),('charles-michel','ko','샤를 미셸'),
('charles-michel','ja','ミシェル大統領|シャルル・ミシェル'),('charles-michel','zh','夏尔 米歇尔'),('francis','en','Pope Francis'),
('francis','fr','pape François'),('francis','de','Papst Franziskus'),('francis','es','papa Francisco'),
('francis','pl','papież Franciszek|papieża Franciszka'),('francis','ru','папа Франциск|Папа Римский Франциск'),
('francis','uk','папа Франциск'),('francis','ko','프란치스코'),('francis','ja','フランシスコ教皇'),('francis','zh','方济各|方濟各'),
('zelensky','en','Zelensky|Zelenskyy|Zelenskiy|Zelenskyi'),('zelensky','fr','Zelensky'),
('zelensky','de','Selenskyj|Selenski|Selenskij'),('zelensky','es','Zelenski|Zelensky'),('zelensky','pl','Zełenski'),
('zelensky','ru','Зеленский'),('zelensky','uk','Зеленський'),('zelensky','ko','젤렌스키'),('zelensky','ja','ゼレンスキー'),
('zelensky','zh','泽连斯基|澤倫斯基|澤連斯基'),('kuleba','en','Kuleba'),('kuleba','fr','Kouleba'),('kuleba','pl','Kułeba'),
('kuleba','ru','Кулеба'),('kuleba','uk','Кулеба'),('kuleba','ko','쿨레바'),('kuleba','ja','クレバ'),
('kuleba','zh','库列巴|庫列巴'),('podolyak','en','Podolyak|Podoliak'),('podolyak','fr','Podoliak'),
('podolyak','de','Podoljak'),('podolyak','es','Podoliak|Podolyak'),('podolyak','pl','Podolak'),
('podolyak','ru','Подоляк'),('podolyak','uk','Подоляк'),('podolyak','ko','포돌랴크'),('podolyak','ja','ポドリャク'),
('podolyak','zh','波多利亚克'),('lukashenko','en','Lukashenko'),('lukashenko','fr','Loukachenko'),
('lukashenko','de','Lukaschenko'),('lukashenko','pl','Łukaszenka|Łukaszenko'),('lukashenko','ru','Лукашенко'),
('lukashenko','uk','Лукашенко|Лукашенка|Лукашенку'),('lukashenko','ko','루카셴코'),('lukashenko','ja','ルカシェンコ'),
('lukashenko','zh','卢卡申科|盧卡申科'),('macron','en','Macron'),('macron','ru','Макрон'),('macron','uk','Макрон'),
('macron','ko','마크롱'),('macron','ja','マクロン'),('macron','zh','马克龙|馬克宏'),('scholz','en','Olaf Scholz|Chancellor Scholz'),
('scholz','fr','Olaf Scholz|chancelier Scholz'),('scholz','de','Olaf Scholz|Kanzler Scholz|Bundeskanzler Scholz'),
('scholz','es','Olaf Scholz|canciller Scholz'),('scholz','pl','Scholz'),('scholz','ru','Шольц'),
('scholz','uk','Шольц'),('scholz','ko','숄츠'),('scholz','ja','ショルツ'),('scholz','zh','朔尔茨|蕭茲'),
('steinmeier','en','Steinmeier'),('steinmeier','ru','Штайнмайер'),('steinmeier','uk','Штайнмаєр'),
('steinmeier','ko','슈타인마이어'),('steinmeier','ja','シュタインマイヤー'),('steinmeier','zh','施泰因迈尔'),('baerbock','en','Baerbock'),
('baerbock','ru','Бербок'),('baerbock','uk','Бербок'),('baerbock','ko','배어복|베어보크'),('baerbock','ja','ベアボック'),
('baerbock','zh','贝尔伯克'),('sunak','en','Sunak'),('sunak','ru','Сунак'),('sunak','uk','Сунак'),('sunak','ko','수낵|수낙'),
('sunak','ja','スナク'),('sunak','zh','苏纳克|蘇納克'),('cameron','en','David Cameron|Lord Cameron'),
('cameron','pl','David Cameron'),('cameron','ru','Дэвид Кэмерон'),('cameron','uk','Девід Кемерон'),
('cameron','ko','캐머런'),('cameron','ja','キャメロン'),('cameron','zh','卡梅伦'),('starmer','en','Starmer'),
('starmer','ru','Стармер'),('starmer','uk','Стармер'),('starmer','ko','스타머'),('starmer','ja','スターマー'),
('starmer','zh','斯塔默'),('meloni','en','Meloni'),('meloni','ru','Мелони'),('meloni','uk','Мелоні'),
('meloni','ko','멜로니'),('meloni','ja','メローニ'),('meloni','zh','梅洛尼'),('sanchez','en','Pedro Sánchez'),
('sanchez','pl','Pedro Sanchez'),('sanchez','ru','Педро Санчес'),('sanchez','uk','Педро Санчес'),
('sanchez','ko','페드로 산체스'),('sanchez','ja','サンチェス首相'),('sanchez','zh','桑切斯'),('trudeau','en','Trudeau'),
('trudeau','ru','Трюдо'),('trudeau','uk','Трюдо'),('trudeau','ko','트뤼도'),('trudeau','ja','トルドー'),
('trudeau','zh','特鲁多|杜魯多'),('albanese','en','Anthony Albanese|Albanese'),('albanese','pl','Anthony Albanese'),
('albanese','ru','Альбанезе|Албаниз'),('albanese','uk','Албаніз'),('albanese','ko','앨버니지'),('albanese','ja','アルバニージー'),
('albanese','zh','阿尔巴尼斯|艾班尼斯'),('wong-penny','en','Penny Wong'),('wong-penny','ru','Пенни Вонг'),
('wong-penny','ko','페니 웡'),('wong-penny','ja','ペニー・ウォン|ウォン外相'),('wong-penny','zh','黄英贤'),('modi','en','Modi'),
('modi','ru','Моди'),('modi','uk','Моді'),('modi','ko','모디 총리|나렌드라 모디'),('modi','ja','モディ首相|モディ氏'),('modi','zh','莫迪'),
('erdogan','en','Erdogan|Erdoğan'),('erdogan','ru','Эрдоган'),('erdogan','uk','Ердоган'),('erdogan','ko','에르도안'),
('erdogan','ja','エルドアン'),('erdogan','zh','埃尔多安|艾爾段'),('orban','en','Orban|Orbán'),('orban','ru','Орбан'),
('orban','uk','Орбан'),('orban','ko','오르반'),('orban','ja','オルバン'),('orban','zh','欧尔班|奧班'),('duda','en','Andrzej Duda'),
('duda','pl','Duda'),('duda','ru','Анджей Дуда|Дуда'),('duda','uk','Дуда'),('duda','ko','안제이 두다|두다 대통령'),
('duda','ja','ドゥダ'),('duda','zh','杜达'),('tusk','en','Donald Tusk'),('tusk','pl','Tusk'),
('tusk','ru','Дональд Туск|Туск'),('tusk','uk','Туск'),('tusk','ko','투스크'),('tusk','ja','トゥスク'),('tusk','zh','图斯克'),
('sikorski','en','Sikorski'),('sikorski','ru','Сикорский'),('sikorski','uk','Сікорський'),('sikorski','ko','시코르스키'),
('sikorski','ja','シコルスキ'),('sikorski','zh','西科尔斯基'),('netanyahu','en','Netanyahu'),
('netanyahu','fr','Netanyahou|Nétanyahou'),('netanyahu','de','Netanjahu|Netanyahu'),('netanyahu','pl','Netanjahu'),
('netanyahu','ru','Нетаньяху'),('netanyahu','uk','Нетаньягу'),('netanyahu','ko','네타냐후'),('netanyahu','ja','ネタニヤフ'),
('netanyahu','zh','内塔尼亚胡|納坦雅胡'),('khamenei','en','Khamenei'),('khamenei','de','Chamenei'),('khamenei','es','Jamenei'),
('khamenei','pl','Chamenei'),('khamenei','ru','Хаменеи'),('khamenei','uk','Хаменеї'),('khamenei','ko','하메네이'),
('khamenei','ja','ハメネイ'),('khamenei','zh','哈梅内伊'),('raisi','en','Raisi'),('raisi','fr','Raïssi|Raisi'),
('raisi','es','Raisi|Raisí'),('raisi','ru','Раиси'),('raisi','uk','Раїсі'),('raisi','ko','라이시'),('raisi','ja','ライシ'),
('raisi','zh','莱希'),('assad','en','Assad'),('assad','pl','Asad|Assad'),('assad','ru','Асад|Башар Асад'),
('assad','uk','Асад'),('assad','ko','알아사드|아사드'),('assad','ja','アサド'),('assad','zh','阿萨德'),
('lula','en','Lula da Silva|President Lula|Lula'),('lula','pl','Lula da Silva'),('lula','ru','Лула да Силва|Лула'),
('lula','uk','Лула да Сілва'),('lula','ko','룰라'),('lula','ja','ルラ大統領|ルラ氏'),('lula','zh','卢拉|魯拉'),
('milei','en','Milei'),('milei','ru','Милей'),('milei','uk','Мілей'),('milei','ko','밀레이'),('milei','ja','ミレイ大統領|ミレイ氏'),
('milei','zh','米莱'),('lopez-obrador','en','López Obrador'),('lopez-obrador','ru','Лопес Обрадор'),
('lopez-obrador','uk','Лопес Обрадор'),('lopez-obrador','ko','로페스 오브라도르'),
('lopez-obrador','ja','ロペスオブラドール|ロペス・オブラドール'),('lopez-obrador','zh','洛佩斯'),('maduro','en','Maduro'),
('maduro','pl','Nicolas Maduro'),('maduro','ru','Мадуро'),('maduro','uk','Мадуро'),('maduro','ko','마두로'),
('maduro','ja','マドゥロ'),('maduro','zh','马杜罗'),('diaz-canel','en','Díaz Canel'),('diaz-canel','ru','Диас Канель'),
('diaz-canel','uk','Діас Канель'),('diaz-canel','ko','디아스카넬'),('diaz-canel','ja','ディアスカネル'),
('diaz-canel','zh','迪亚斯 卡内尔'),('ramaphosa','en','Ramaphosa'),('ramaphosa','ru','Рамафоса'),
('ramaphosa','uk','Рамафоса'),('ramaphosa','ko','라마포사'),('ramaphosa','ja','ラマポーザ'),('ramaphosa','zh','拉马福萨'),
('tokayev','en','Tokayev'),('tokayev','fr','Tokaïev'),('tokayev','de','Tokajew'),('tokayev','es','Tokáyev|Tokayev'),
('tokayev','pl','Tokajew'),('tokayev','ru','Токаев'),('tokayev','uk','Токаєв'),('tokayev','ko','토카예프'),
('tokayev','ja','トカエフ'),('tokayev','zh','托卡耶夫'),('vucic','en','Vucic|Vučić'),('vucic','ru','Вучич'),
('vucic','uk','Вучич'),('vucic','ko','부치치'),('vucic','ja','ブチッチ'),('vucic','zh','武契奇'),('lai','en','Lai Ching te'),
('lai','ru','Лай Циндэ'),('lai','uk','Лай Ціньте'),('lai','ko','라이칭더'),('lai','ja','頼清徳'),('lai','zh','赖清德|賴清德'),
('wong-lawrence','en','Lawrence Wong'),('wong-lawrence','ru','Лоуренс Вонг'),('wong-lawrence','ko','로렌스 웡'),
('wong-lawrence','ja','ローレンス・ウォン'),('wong-lawrence','zh','黄循财'),
('marcos','en','Ferdinand Marcos|Marcos Jr|President Marcos'),('marcos','ru','Фердинанд Маркос'),
('marcos','uk','Фердинанд Маркос'),('marcos','ko','마르코스'),('marcos','ja','マルコス'),('marcos','zh','马科斯|小馬可仕'),
('joko-widodo','en','Widodo'),('joko-widodo','ru','Видодо'),('joko-widodo','uk','Відодо'),
('joko-widodo','ko','조코위|위도도'),('joko-widodo','ja','ジョコ大統領|ウィドド'),('joko-widodo','zh','佐科'),
('sisi','en','el Sisi|al Sisi|Sisi'),('sisi','ru','Ас Сиси|ас-Сиси'),('sisi','uk','ас Сісі'),('sisi','ko','엘시시'),
('sisi','ja','シシ大統領'),('sisi','zh','塞西'),('mbs','en','Mohammed bin Salman|bin Salman'),
('mbs','fr','Mohammed ben Salmane|ben Salmane'),('mbs','es','Mohamed bin Salmán|bin Salman'),('mbs','ru','бин Салман'),
('mbs','uk','бін Салман'),('mbs','ko','빈 살만'),('mbs','ja','ムハンマド皇太子'),('mbs','zh','本 萨勒曼'),
('gorbachev','en','Gorbachev'),('gorbachev','fr','Gorbatchev'),('gorbachev','de','Gorbatschow'),
('gorbachev','es','Gorbachov'),('gorbachev','pl','Gorbaczow'),('gorbachev','ru','Горбачев|Горбачёв'),
('gorbachev','uk','Горбачов'),('gorbachev','ko','고르바초프'),('gorbachev','ja','ゴルバチョフ'),('gorbachev','zh','戈尔巴乔夫|戈巴契夫'),
('yeltsin','en','Yeltsin'),('yeltsin','fr','Eltsine'),('yeltsin','de','Jelzin'),('yeltsin','es','Yeltsin|Yeltsín'),
('yeltsin','pl','Jelcyn'),('yeltsin','ru','Ельцин'),('yeltsin','uk','Єльцин'),('yeltsin','ko','옐친'),
('yeltsin','ja','エリツィン'),('yeltsin','zh','叶利钦'),('stalin','en','Stalin'),('stalin','fr','Staline'),
('stalin','ru','Сталин'),('stalin','uk','Сталін'),('stalin','ko','스탈린'),('stalin','ja','スターリン'),
('stalin','zh','斯大林|史達林')),
-- A language in Latin letters that writes a name as English does has it from there.
latin AS (
    SELECT g.person, l.language, g.names FROM given g, unnest('{fr,de,es,pl,it,pt}'::text[]) AS l (language)
    WHERE g.language = 'en' AND NOT EXISTS (SELECT 1 FROM given o WHERE o.person = g.person AND o.language = l.language))
INSERT INTO public.person_names (person, language, name)
SELECT s.person, s.language, n.name FROM (SELECT * FROM given UNION ALL SELECT * FROM latin) s, unnest(string_to_array(s.names, '|')) AS n (name)
ON CONFLICT DO NOTHING;

CREATE FUNCTION wirewatch.people_of_article(article_id bigint)
RETURNS TABLE (person text, called text, country text, office text, names text[])
LANGUAGE sql STABLE AS $$
    SELECT p.person, p.called, p.country, p.office, array_agg(DISTINCT n.name ORDER BY n.name)
    FROM public.articles a JOIN public.article_words w ON w.article_id = a.id
    JOIN public.person_names n ON n.language = split_part(a.language, '-', 1) AND w.words @@ n.words
    JOIN public.people p ON p.person = n.person
    WHERE a.id = $1 GROUP BY p.person ORDER BY p.called
$$;
COMMENT ON FUNCTION wirewatch.people_of_article IS
    'The persons of the table people that an article names, by their names in its language: Chinese, English, French, German, Italian, Japanese, Korean, Polish, Portuguese, Russian, Spanish, Ukrainian; nothing in others. Whoever is not in people is not found, nor is who is told of by an office alone. country and office: of June 2024.';

CREATE FUNCTION wirewatch.people_mentioned(topic text, first_day date, last_day date DEFAULT NULL)
RETURNS TABLE (person text, called text, country text, office text, articles bigint, share numeric, stories bigint,
               outlets bigint, languages text[], an_article text)
LANGUAGE sql STABLE AS $$
    WITH told AS MATERIALIZED (SELECT d.article_id, d.story_id, d.outlet, d.language, d.title FROM wirewatch.articles_of_days($1, $2, $3) d)
    SELECT p.person, p.called, p.country, p.office, count(*), round(count(*)::numeric / (SELECT count(*) FROM told), 3),
           count(DISTINCT t.story_id), count(DISTINCT t.outlet), array_agg(DISTINCT t.language), min(t.title)
    FROM told t CROSS JOIN LATERAL wirewatch.people_of_article(t.article_id) p
    GROUP BY p.person, p.called, p.country, p.office ORDER BY 5 DESC, 2
$$;
COMMENT ON FUNCTION wirewatch.people_mentioned IS
    'The persons that the articles on topic of these days name, as in people_of_article. share: of all of these articles, 0 to 1.';
