"""What a text is called in shards and in the serving signature."""

from noria_trainers.modality.record import Feature

FEATURE = Feature(stored="text", served="text")
