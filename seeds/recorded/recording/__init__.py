"""How the recorded web of the demonstration is made from its texts: slots, pages, feeds, captures."""
