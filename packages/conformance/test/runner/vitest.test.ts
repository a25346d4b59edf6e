import { vitest } from '../../src/runner/dialects/vitest.ts'
import { conforms } from './conforms.ts'

conforms(vitest)
