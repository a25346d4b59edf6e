import { twoMachinesSuite } from '../../../src/ledgers/index.ts'
import { postgres } from '../postgres.ts'

twoMachinesSuite(postgres)
