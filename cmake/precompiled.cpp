// What the precompiled header is made for: a target needs a source.
