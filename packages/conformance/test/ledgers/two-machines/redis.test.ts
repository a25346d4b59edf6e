import { twoMachinesSuite } from '../../../src/ledgers/index.ts'
import { redis } from '../redis.ts'

twoMachinesSuite(redis)
