muster eval rules --facts
