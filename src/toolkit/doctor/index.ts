// Front door of the doctor: would a call work now, and if not, who has to do what?

export type {Check, CheckStatus, Destination, Finding, Row} from './check.ts'
export {type DoctorOptions, diagnose} from './diagnose.ts'
export {type DoctorView, doctorBlocks} from './present.ts'
export type {CheckJson, DoctorReport} from './report.ts'
