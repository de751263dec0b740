"""Evidence packs: what somebody outside can verify without the recorder, put together as one file."""
