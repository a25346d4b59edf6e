import { jest } from '../../src/runner/dialects/jest.ts'
import { conforms } from './conforms.ts'

conforms(jest)
