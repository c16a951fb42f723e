import { ingressAllDrivers } from '../../conformance/drivers/ingress-all.ts';
import { conform } from '../../conformance/suite.ts';

for (const kind of ['istio', 'gateway-api'] as const)
  for (const driver of ingressAllDrivers(kind)) conform(driver);
