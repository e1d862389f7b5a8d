/// What the board knows of one tenant besides the jobs themselves.
struct TenantJobs {
    /// Jobs ready to be begun.
    var ready = JobQueue()
    /// Workers that wait, the longest first.
    var claims: [WaitingClaim] = []
    /// Jobs that have not ended.
    var open = 0
    /// Bytes of their inputs.
    var bytes = 0
    /// Jobs that a worker has, or is being given.
    var running = 0

    /// Whether nothing is left to be remembered.
    var isEmpty: Bool { open == 0 && claims.isEmpty }
}
