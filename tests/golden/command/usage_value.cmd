muster eval rules --brief=yes
