import { mocha } from '../../src/runner/dialects/mocha.ts'
import { conforms } from './conforms.ts'

conforms(mocha)
