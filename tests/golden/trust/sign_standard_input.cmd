muster sign - --key open.key
