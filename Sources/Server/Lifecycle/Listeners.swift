import Reactor

/// The sockets that the loops are about to take over, one each: those of the hub's port, and those of the plain one
/// beside it.
struct Listeners {
    let main: [ListenDescriptor]
    let plain: [ListenDescriptor]?

    static func bind(_ configuration: ServerConfiguration) throws(ListenError) -> Listeners {
        let loops = configuration.reactors
        let main = try Listening.bind(host: configuration.host, port: configuration.port, loops: loops)
        guard let place = configuration.tls?.plain else { return Listeners(main: main, plain: nil) }
        do throws(ListenError) {
            return Listeners(main: main, plain: try Listening.bind(host: place.host, port: place.port, loops: loops))
        } catch {
            main.forEach { $0.close() }
            throw error
        }
    }

    /// Where no loop took them over.
    func close() {
        main.forEach { $0.close() }
        plain?.forEach { $0.close() }
    }
}
