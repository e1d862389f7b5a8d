# The Debian package, from a binary that needs no Swift on the machine it goes to.
# shellcheck shell=bash

PACKAGE_BUILD=.build-package
STATIC_BINARY=$PACKAGE_BUILD/release/apus

release_version() {
    sed -nE 's/.*static let version = "([^"]+)".*/\1/p' Sources/Server/Lifecycle/Release.swift
}

build_static() {
    swift build -c release --static-swift-stdlib --product apus --scratch-path "$PACKAGE_BUILD"
}

# make_package VERSION FOLDER: packs $STATIC_BINARY and what belongs to it; prints the path of the package.
make_package() {
    local version=$1 to=$2 stage architecture libraries size epoch file
    architecture=$(dpkg --print-architecture)
    file=$to/apus_${version}_$architecture.deb
    stage=$(mktemp -d) || return 1
    chmod 0755 "$stage"
    lay_out "$stage" "$version" || return 1
    libraries=$(linked_packages "$stage/usr/bin/apus") || return 1
    size=$(du -sk --apparent-size "$stage" | cut -f 1)
    mkdir "$stage/DEBIAN"
    sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" -e "s/@SIZE@/$size/" \
        -e "s/@LIBRARIES@/$libraries/" deploy/debian/control.in >"$stage/DEBIAN/control"
    echo /etc/apus/apus.json >"$stage/DEBIAN/conffiles"
    install -m 0755 deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm "$stage/DEBIAN"
    # The same sources give the same package, whenever it is built.
    epoch=$(git log -1 --format=%ct 2>/dev/null || date +%s)
    find "$stage" -newermt "@$epoch" -exec touch --no-dereference --date="@$epoch" {} +
    SOURCE_DATE_EPOCH=$epoch dpkg-deb --root-owner-group -Zxz --build "$stage" "$file" >/dev/null || return 1
    rm -rf "$stage"
    echo "$file"
}

# lay_out FOLDER VERSION
lay_out() {
    local stage=$1 version=$2 page doc=$1/usr/share/doc/apus
    install -D -m 0755 "$STATIC_BINARY" "$stage/usr/bin/apus" && strip "$stage/usr/bin/apus" || return 1
    install -D -m 0644 deploy/systemd/apus.service "$stage/lib/systemd/system/apus.service"
    install -D -m 0644 deploy/debian/apus.json "$stage/etc/apus/apus.json"
    install -d "$stage/usr/share/man/man1" "$doc"
    sed "s/@VERSION@/$version/" deploy/debian/apus.1 | gzip -9n >"$stage/usr/share/man/man1/apus.1.gz"
    gzip -9n <CHANGELOG.md >"$doc/changelog.gz"
    install -m 0644 SECURITY.md DEPENDENCIES.md "$doc"
    # What browsers are served, without tests and manuals.
    find clients -type f \( -name '*.html' -o -name '*.css' -o -name '*.js' -o -name '*.svg' -o -name '*.png' -o -name '*.woff2' \) \
        -not -path '*/node_modules/*' -not -path '*/.venv/*' | while IFS= read -r page; do
        install -D -m 0644 "$page" "$stage/usr/share/apus/$page" || exit 1
    done
}

# The packages of the libraries that a binary is linked to, as Depends wants them.
linked_packages() {
    local scratch
    scratch=$(mktemp -d) || return 1
    mkdir "$scratch/debian"
    printf 'Source: apus\n\nPackage: apus\nArchitecture: any\n' >"$scratch/debian/control"
    (cd "$scratch" && dpkg-shlibdeps -O --ignore-missing-info -e"$1" 2>/dev/null) | sed -n 's/^shlibs:Depends=//p'
    rm -rf "$scratch"
}

# An older and a newer package of the same binary, to upgrade from one to the other; their paths are PACKAGES_MADE.
make_packages() {
    local folder=$PACKAGE_BUILD/tried version
    rm -rf "$folder" && mkdir -p "$folder"
    version=$(release_version)
    PACKAGES_MADE="$(make_package "$version~older" "$ROOT/$folder") $(make_package "$version" "$ROOT/$folder")"
}
