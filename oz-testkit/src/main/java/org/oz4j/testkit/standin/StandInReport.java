package org.oz4j.testkit.standin;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a stand-in told on the serial console: lines {@code standin: NAME=VALUE}.
 *
 * @param facts what it found, by name, in the order of time. {@code answer-file} is where it found its answers, such as
 *     {@code /dev/disk/by-label/OEMDRV:ks.cfg}; {@code answer-sha256} their sum in hex; {@code disk} the device that they
 *     name; {@code hostname}; {@code root-password}: {@code hash} or {@code clear}; {@code packages}; {@code network} the
 *     card's driver and the address it was given; {@code source} where packages come from; {@code firmware}; {@code port}
 *     where the token went; {@code failed} why it could not go on
 */
public record StandInReport(Map<String, String> facts) {
    private static final String BEGINNING = "standin: ";

    /** Keeps the order. */
    public StandInReport {
        facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
    }

    /** Reads what a console showed. */
    public static StandInReport of(String console) {
        Map<String, String> facts = new LinkedHashMap<>();
        for (String line : console.lines().map(String::strip).toList()) {
            int begin = line.indexOf(BEGINNING);
            int equals = line.indexOf('=', Math.max(0, begin));
            if (begin >= 0 && equals > begin) {
                facts.put(line.substring(begin + BEGINNING.length(), equals), line.substring(equals + 1));
            }
        }
        return new StandInReport(facts);
    }

    /** One of them. */
    public Optional<String> fact(String name) {
        return Optional.ofNullable(facts.get(name));
    }
}
