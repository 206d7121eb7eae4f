"""The only room that knows MQTT. Two ways in, a broker's session or the tracker's own endpoint, behind one small face: `Inlet`."""
