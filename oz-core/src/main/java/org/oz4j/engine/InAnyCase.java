package org.oz4j.engine;

import java.io.IOException;
import java.util.Optional;
import java.util.stream.Stream;

/** What is done of a list of things though one of them fails. */
final class InAnyCase {
    /** One of them. */
    interface Action {
        /** Does it. */
        void run() throws IOException;
    }

    private InAnyCase() {}

    /** Does all, in their order; throws the first failure in the end, which has the others attached. */
    static void run(Stream<Action> actions) throws IOException {
        Optional<IOException> failure = actions.flatMap(each -> failure(each).stream())
                .reduce((first, next) -> {
                    first.addSuppressed(next);
                    return first;
                });
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private static Optional<IOException> failure(Action action) {
        try {
            action.run();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(e);
        }
    }
}
