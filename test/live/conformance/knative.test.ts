import { knativeDriver } from '../../conformance/drivers/knative.ts';
import { conform } from '../../conformance/suite.ts';
import { API_PORTS } from '../knative/requests.ts';
import { MANY_HOSTS } from '../knative/values.ts';

for (const port of API_PORTS) conform(knativeDriver(port));
conform(knativeDriver(4680, MANY_HOSTS));
