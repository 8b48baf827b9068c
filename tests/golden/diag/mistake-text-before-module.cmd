muster check mistake-text-before-module.muster
