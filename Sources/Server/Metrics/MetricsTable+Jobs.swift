extension MetricsTable {
    static let jobsOpen = Metric(name: "apus_jobs_open", kind: .gauge, help: "Jobs that have not ended, by state.")
    static let jobClaims = Metric(name: "apus_job_claims_waiting", kind: .gauge, help: "Workers that wait for a job.")
    static let jobsSubmitted = Metric(name: "apus_jobs_submitted_total", kind: .counter, help: "Jobs submitted.")
    static let jobsEnded = Metric(name: "apus_jobs_ended_total", kind: .counter, help: "Jobs that ended, by state.")
    static let jobAttempts = Metric(name: "apus_job_attempts_total", kind: .counter, help: "Attempts begun.")
    static let jobAttemptsLost = Metric(
        name: "apus_job_attempts_lost_total",
        kind: .counter,
        help: "Attempts that ended because the worker was silent."
    )
    static let jobRetries = Metric(
        name: "apus_job_retries_total",
        kind: .counter,
        help: "Attempts after which the job was queued again."
    )
    static let jobWait = Metric(
        name: "apus_job_wait_seconds_total",
        kind: .counter,
        help: "Time from submission to the first attempt, of all jobs that had one."
    )
    static let jobWaits = Metric(name: "apus_job_waits_total", kind: .counter, help: "Jobs that had a first attempt.")
    static let jobRun = Metric(name: "apus_job_run_seconds_total", kind: .counter, help: "Time of ended attempts.")
    static let jobRuns = Metric(name: "apus_job_runs_total", kind: .counter, help: "Attempts ended.")
}
