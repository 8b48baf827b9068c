muster eval rules/acme/ready.muster --at 2026-08-15T00:00:00Z <&-
