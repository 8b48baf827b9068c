muster check mistake-policy-order.muster
