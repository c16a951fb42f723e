import { atsDriver } from '../../conformance/drivers/ats.ts';
import { conform } from '../../conformance/suite.ts';

conform(atsDriver('http'));
conform(atsDriver('https'));
