"""A race's own Mosquitto: who may what there, its certificates and passwords, and the folder that holds all of it."""
