import { INGRESS_KINDS } from '../../../webhook/edges/ingress/settings.ts';
import { ingressDriver } from '../../conformance/drivers/ingress.ts';
import { conform } from '../../conformance/suite.ts';

for (const kind of INGRESS_KINDS) conform(ingressDriver(kind));
