"""One file per instrument; its name is the name of the call."""
