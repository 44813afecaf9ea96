// Front door of the platform room: the machine we run on, behind doors.

export {type Block, code, fields, heading, list, note, page, paragraph, type Tone, table, text} from './blocks.ts'
export {type Clock, type Instant, systemClock} from './clock.ts'
export {type Deferred, deferred} from './deferred.ts'
export {
  type ExecutableFound,
  type ExecutableProblem,
  type ExecutableQuery,
  resolveExecutable,
} from './executables.ts'
export {type DecodedText, decodeText} from './files/decode-text.ts'
export {type FileLock, lockFile} from './files/file-lock.ts'
export {makeFolders} from './files/make-folders.ts'
export {overwriteFile} from './files/overwrite.ts'
export {
  checkFoldersAbove,
  checkOwner,
  checkOwnFolder,
  checkTarget,
  readTrustedFile,
  type TrustedFile,
} from './files/trust.ts'
export {folderGone, isFolderGone, workingFolder} from './files/working-folder.ts'
export {writeNewFile} from './files/write-new.ts'
export {type AtomicWrite, fileProblem, type ReadFile, readWholeFile, removeFile, writeFileAtomic} from './files.ts'
export {
  type ClientIdentity,
  createIdentity,
  type HostFacts,
  hostFacts,
  type PidRealm,
  pidRealm,
  residentBytes,
} from './host.ts'
export {BodyCollector, type BodyCollectorOptions} from './http/body-collector.ts'
export {contentEncodings} from './http/decode.ts'
export {createHttpDoor, type HttpDoorOptions} from './http/door.ts'
export {HttpFailureError} from './http/failure-error.ts'
export type {
  DestinationSpec,
  FetchOptions,
  HttpDestination,
  HttpDoor,
  HttpFailure,
  HttpReply,
  HttpRequest,
  RawHeaders,
  ReplyHandle,
  ReplySink,
  TraceStep,
} from './http/types.ts'
export {type ListenAddr, parseListenAddr} from './http-server/listen-addr.ts'
export {isLoopbackAddress, isLoopbackHost, isOwnLoopbackName} from './http-server/loopback.ts'
export {SOCKET_PATH_NEXT, socketPathProblem} from './http-server/socket-path.ts'
export {
  createHttpServer,
  type HttpExchange,
  type HttpHandler,
  type HttpRoute,
  type HttpServer,
  type HttpServerAddress,
  type HttpServerOptions,
  type ListenTarget,
  type ServerTls,
} from './http-server.ts'
export type {LogRecord} from './logging/format.ts'
export {type LogAttrs, type Logger, type LogLevel, silentLogger} from './logging/log.ts'
export {createLogWriter, type LogWriter, type LogWriterOptions} from './logging/log-writer.ts'
export {InFlight} from './memory/in-flight.ts'
export {useRoomyHeap} from './memory/roomy-heap.ts'
export {scrub} from './redaction/scrub.ts'
export {type Releases, releases} from './releases.ts'
export {type InferSchema, loadZod, type Zod, type ZodError, type ZodType} from './schema.ts'
export {learnSecret, learnUrlSecrets, redactSecrets, redactValues, Secret} from './secret.ts'
export {type Captured, captureProgram} from './spawn/capture.ts'
export {type DetachedOptions, type DetachedProcess, startDetached} from './spawn/detached.ts'
export {runInForeground} from './spawn/foreground.ts'
export {noInspector} from './spawn/no-inspector.ts'
export {type ChildExit, type SpawnedChild, type SpawnOptions, type StopPatience, spawnChild} from './spawn.ts'
export {argvHint} from './text/argv-hint.ts'
export {type ShellSyntax, shellSyntax} from './text/argv-shell.ts'
export {type SplitArgv, splitArgv} from './text/argv-split.ts'
export {goJson} from './text/go-json.ts'
export {nearest} from './text/nearest.ts'
export {printable, printableJson, printableLines} from './text/printable.ts'
export {isTunnelId} from './text/tunnel-id.ts'
export {formatDuration, type ParsedDuration, parseDuration} from './time/duration.ts'
export {type LateCheck, lateCheck} from './time/late-check.ts'
export {createTimerWheel, type Timer, type TimerWheel, type TimerWheelOptions} from './time/timer-wheel.ts'
