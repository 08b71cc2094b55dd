package org.oz4j.testkit;

import org.oz4j.disk.GuestFilesystem;

class FakeGuestFilesystemContractTest extends GuestFilesystemContract {
    private final FakeGuestFilesystem files = FakeGuestFilesystem.empty();

    @Override
    protected GuestFilesystem files() {
        return files;
    }
}
