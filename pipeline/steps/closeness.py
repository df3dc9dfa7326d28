"""How close texts are to the seed documents of the topics, in the numbers of the current embedding model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from pipeline import embeddings
from pipeline.models import Document
from pipeline.settings import Settings
from pipeline.steps.model import Vectors, encoder
from pipeline.topics import Closeness, Topic, TopicNumbers, Wordings


@cache
def _seed_vectors(settings: Settings, documents: tuple[str, ...]) -> Vectors:
    """Unit rows of seed documents, (documents, dimension), made once per process."""
    return encoder(settings).encode([Document(str(n), "", text) for n, text in enumerate(documents)])


class SeedIndex:
    """Closeness to the seed documents of some topics, and what it says by the `numbers` of the settings' model."""

    def __init__(self, settings: Settings, subjects: Sequence[Topic], numbers: TopicNumbers) -> None:
        self.settings = settings
        self.subjects = subjects
        self.wordings = Wordings(subjects)
        self.numbers = numbers

    @property
    def model_name(self) -> str:
        """The model that closeness is measured with."""
        return embeddings.name_of(self.settings)

    def closeness(self, topic: Topic, documents: Sequence[Document]) -> dict[str, Closeness]:
        """Id -> closeness to the nearest seed document of `topic`, of those documents that the model can read.

        One call for many: a batch costs little more than one text. The model is not loaded for none.
        """
        if not documents:
            return {}
        model = encoder(self.settings)
        read = [document for document in documents if model.reads(document)]
        vectors = model.encode(read) if read else ()
        return {document.id: self.nearest(topic, vector) for document, vector in zip(read, vectors, strict=True)}

    def nearest(self, topic: Topic, vector: Vectors) -> Closeness:
        """Closeness of an article's vector (dimension,) to the nearest seed document of `topic`."""
        return Closeness(float((_seed_vectors(self.settings, topic.documents) @ vector).max()), self.numbers)
