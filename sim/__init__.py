"""The line without steel: the physical model, the emulator behind Modbus TCP, the judge."""
