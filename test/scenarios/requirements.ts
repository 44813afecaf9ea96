// What the relay promises, one id per promise, and where each is proved for each way to an MCP server. The proofs are tests
// that exist by themselves; requirements.test.ts fails when one that is named here is gone.

import {
  at,
  bursts,
  child,
  control,
  host,
  http,
  httpFailures,
  issues,
  life,
  memory,
  NO_CHILD,
  none,
  OBJECTS,
  RELAY,
  type Requirement,
  readiness,
  SAME_PROCESS,
  stdio,
  supervisor,
} from './requirements-proofs.ts'
import {RULES} from './requirements-rules.ts'

/** All promises. */
export const REQUIREMENTS: readonly Requirement[] = [
  {
    id: 'bytes-unchanged',
    promise: 'payloads cross byte for byte, ids come back as they were written',
    proofs: {
      http: http('arrive unchanged in both directions, as JSON'),
      stdio: stdio('cross unchanged but for the id, which comes back as %s'),
      memory: OBJECTS,
    },
  },
  {
    id: 'callers-apart',
    promise: 'callers with the same ids and progress tokens get their own answers',
    proofs: {
      http: none('each call has a request of its own'),
      stdio: stdio('with the same id and progress token at the same time get their own answers and notifications'),
      memory: memory('serves callers with the same ids at the same time'),
    },
  },
  {
    id: 'burst-whole',
    promise: '2000 notifications of one call arrive, all and in order, before its answer',
    proofs: {
      http: bursts(
        '2000 progress notifications over HTTP: all of them, in order, then the answer, three times in a row',
      ),
      stdio: bursts(
        '2000 progress notifications over stdio: all of them, in order, then the answer, three times in a row',
      ),
      memory: RELAY,
    },
  },
  {
    id: 'slow-caller-alone',
    promise: 'a caller that cannot keep up does not hold up the others',
    proofs: {
      http: none('each call has a connection of its own'),
      stdio: stdio('does not leave the others waiting for a caller that cannot keep up'),
      memory: none('the server is not slowed down'),
    },
  },
  {
    id: 'server-gone-answered',
    promise: 'what was in flight when the server went is answered at once, with a typed failure',
    proofs: {
      http: httpFailures('nobody listens'),
      stdio: supervisor('answers what was in flight when the server crashes, and the next call works'),
      memory: memory('connects again when the server hangs up'),
    },
  },
  {
    id: 'waiting-calls-kept',
    promise: 'a call that a server has not received is not lost with it',
    proofs: {
      http: none('a call is sent on at once'),
      stdio: supervisor('keeps the calls that wait from a server that ends as soon as it starts'),
      memory: SAME_PROCESS,
    },
  },
  {
    id: 'deadline-harmless',
    promise: 'a call that runs out of time harms nobody else, and the server is told',
    proofs: {
      http: http('is cancelled in the words of the protocol: %s'),
      stdio: issues('reference issue #34: a stdio call that outlives its $end does not end the daemon'),
      memory: RELAY,
    },
  },
  {
    id: 'hanging-calls-harmless',
    promise: 'behind calls that hang, others are answered',
    proofs: {
      http: none('each call has a connection of its own; lanes are proved in the relay'),
      stdio: issues(
        'reference issue #58: behind calls that hang, the handshake reaches the server and calls are answered',
      ),
      memory: RELAY,
    },
  },
  {
    id: 'ids-free-again',
    promise: 'the id of a call that was never answered serves the next caller',
    proofs: {
      http: none('ids are not kept'),
      stdio: issues('reference issue #46: ids of calls that were never answered serve the next callers'),
      memory: RELAY,
    },
  },
  {
    id: 'crash-loop-ends',
    promise: 'a server that cannot live ends the daemon with a failure',
    proofs: {
      http: NO_CHILD,
      stdio: issues('reference issue #34: a server that cannot live ends the daemon with a failure, not with 0'),
      memory: SAME_PROCESS,
    },
  },
  {
    id: 'killer-calls-bounded',
    promise: 'calls that end a server do not end the daemon',
    proofs: {http: NO_CHILD, stdio: child('child-crash-mid-call'), memory: SAME_PROCESS},
  },
  {
    id: 'garbage-ignored',
    promise: 'what is no JSON-RPC costs no answer',
    proofs: {
      http: at('scenarios/chaos/faults/streams.ts')('sse-garbage-around-the-answer'),
      stdio: stdio('ignores a banner and garbage, and says so once'),
      memory: memory('answers for a server that throws, and for an answer that is no JSON'),
    },
  },
  {
    id: 'ready-is-evidence',
    promise: 'never ready before a poll was accepted and the present server runs',
    proofs: {
      http: readiness('MCP server stop over HTTP: 503 with the first failed call, ready within 2 s of its return'),
      stdio: readiness('start: never ready before a poll was accepted, though the server runs'),
      memory: SAME_PROCESS,
    },
  },
  {
    id: 'not-ready-in-time',
    promise: 'not ready as soon as the server is gone, ready soon after its return',
    proofs: {
      http: readiness('MCP server stop over HTTP: 503 with the first failed call, ready within 2 s of its return'),
      stdio: readiness(
        'child crash: 503 within 0.1 s, ready again within 2 s, and never in between without a new child',
      ),
      memory: SAME_PROCESS,
    },
  },
  {
    id: 'drain-answers',
    promise: 'a stop answers what was taken, and says so meanwhile',
    proofs: {
      http: life('SIGTERM under 64 concurrent calls: 64 right answers, exit 0, files gone'),
      stdio: readiness('daemon stop: 503 from the signal on, while calls are finished, to the end'),
      memory: RELAY,
    },
  },
  {
    id: 'run-once',
    promise: 'a command that is delivered twice runs once',
    proofs: {http: control('duplicate-delivery'), stdio: control('duplicate-delivery'), memory: RELAY},
  },
  {
    id: 'no-descriptors-no-loss',
    promise: 'without file descriptors to spare nothing is lost',
    proofs: {
      http: host('host-no-file-descriptors'),
      stdio: host('host-no-file-descriptors'),
      memory: RELAY,
    },
  },
  {
    id: 'secrets-kept',
    promise: 'a server does not get our keys',
    proofs: {
      http: none('proved at the door: headers of the control plane are not those of MCP requests'),
      stdio: stdio('keeps our keys from the server, and names them in the log'),
      memory: SAME_PROCESS,
    },
  },
  ...RULES,
]
