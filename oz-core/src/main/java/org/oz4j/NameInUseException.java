package org.oz4j;

/** Another build of the same name is running, in this program or in another one. */
public final class NameInUseException extends OzException {
    private static final long serialVersionUID = 1L;

    private final String name;

    /** Makes an exception about the build of that name. */
    public NameInUseException(String name, String holder) {
        super(
                "A build named '" + name + "' is already running (" + holder + ")",
                "Wait for it to end, or give this template another <name>",
                null);
        this.name = name;
    }

    /** The name that is taken. */
    public String name() {
        return name;
    }

    @Override
    public boolean isRetryable() {
        return true;
    }
}
