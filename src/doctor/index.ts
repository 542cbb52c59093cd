export { type Finding, type Level, type Patient, type Repair } from './check.js';
export { examine, receivePatient, runCheck } from './examine.js';
