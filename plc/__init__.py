"""The machine's side of the wire: the register map, the line PLC's program, the Modbus driver."""
