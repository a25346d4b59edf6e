import { ormSuite } from '../../src/orms/suite.ts'
import { ormModules } from './index.ts'

ormSuite('mongodb', ormModules)
