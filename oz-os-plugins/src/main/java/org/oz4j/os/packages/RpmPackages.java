package org.oz4j.os.packages;

import java.util.List;
import java.util.Optional;

import org.oz4j.Icicle;
import org.oz4j.spi.PackageManager;

/** What package managers that end in rpm share; source: rpm(8), and rpm's document of query formats. */
interface RpmPackages extends PackageManager {
    @Override
    default List<String> list() {
        return List.of("rpm", "-qa", "--queryformat", RpmLine.FORMAT);
    }

    @Override
    default Optional<Icicle.Item> item(String line) {
        return RpmLine.read(line);
    }

    @Override
    default String purlType() {
        return "rpm";
    }
}
