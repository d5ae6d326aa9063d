module antechamber.invalid/clients/check

go 1.23
