muster eval rules/acme/ready.muster --at 2026-08-15 --at 2026-08-16
