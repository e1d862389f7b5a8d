import HubProtocol

extension JobBoard {
    /// Shows one job.
    func get(_ id: String, _ request: JobRequest) {
        guard allows(request, .read, id) else { return refuse(request, .noSuchJob) }
        find(id, request) { [self] job, record in
            succeed(request) { JobView.whole(record, job?.numbers, &$0) }
        }
    }

    /// Shows a page of jobs, newest first: staff see the tenant's, everybody else their own. What has been told is
    /// on disk, so the page is the disk's; only numbers of progress are added.
    func list(_ listing: JobListing, _ request: JobRequest) {
        let principal = request.principal
        let page = JobPage(
            tenant: principal.tenant,
            owner: Permissions.seesAllJobs(principal) ? nil : principal.user,
            listing: listing
        )
        lookUp({ shard.store.jobs(page, reply: $0) }) { [self] result in
            guard case .success(let found) = result else { return refuse(request, .roomUnreadable) }
            let records = found.prefix(listing.limit)
            succeed(request) { writer in
                writer.objects("jobs", records) { record, writer in
                    let key = JobKey(tenant: record.tenant, id: record.id)
                    JobView.line(record, self.jobs[key]?.numbers, &writer)
                }
                if found.count > listing.limit, let last = records.last {
                    writer.member("next", JobCursor(created: last.created, job: last.id).text)
                }
            }
        }
    }
}
