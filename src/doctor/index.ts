export { type Finding, groups, type Level, type Patient, type Repair } from './check.js';
export { examine, receivePatient, runCheck } from './examine.js';
