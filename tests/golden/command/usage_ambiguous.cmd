muster eval rules/acme/ready.muster --fa one_record.json
