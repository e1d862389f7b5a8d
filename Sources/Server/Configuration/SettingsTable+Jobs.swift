/// What bounds generation jobs.
extension SettingsTable {
    static let jobs: [Setting] = [
        Setting(
            "jobs.per_tenant",
            .number(1...1_000_000),
            standard: "10000",
            "Open jobs of a tenant; a further one gets `busy`."
        ),
        Setting(
            "jobs.bytes_per_tenant",
            .number(65_536...4_294_967_296),
            standard: "67108864",
            "Bytes of the inputs of a tenant's open jobs; over it a further one gets `busy`."
        ),
        Setting(
            "jobs.running_per_tenant",
            .number(1...100_000),
            standard: "100",
            "Jobs of a tenant that workers may have at once; further ones stay queued."
        ),
        Setting(
            "jobs.attempts",
            .number(1...100),
            standard: "5",
            "Attempts of a job before it fails."
        ),
        Setting(
            "jobs.time_limit_ms",
            .number(1_000...86_400_000),
            standard: "3600000",
            "How long an attempt may take where the job does not say; over it the job fails."
        ),
    ]
}
