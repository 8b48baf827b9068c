muster eval - --facts -
