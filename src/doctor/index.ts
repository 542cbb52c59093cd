export type { Finding, Level, Patient, Repair } from './check.js';
export { examine, receivePatient, runCheck } from './examine.js';
