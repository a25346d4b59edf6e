import { nodeTest } from '../../src/runner/dialects/node-test.ts'
import { conforms } from './conforms.ts'

conforms(nodeTest)
