/**
 * The suites that every shared ledger must pass: `ledgerSuite(subject)` and `twoMachinesSuite(subject)`, each in a test file,
 * with a `LedgerSubject` (documented in `subject.ts`), and `ledgerConfiguration` beside the ledger's own configuration tests.
 */
export { type ConfigurationSubject, ledgerConfiguration } from './configuration.ts'
export { type Machine, machine } from './machine.ts'
export type { LedgerPlace, LedgerSubject } from './subject.ts'
export { ledgerSuite } from './suite.ts'
export { openMachine, type TestMachine } from './two-machines/machine.ts'
export { twoMachinesSuite } from './two-machines/suite.ts'
