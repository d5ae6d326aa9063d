module antechamber.invalid/clients/sdk_transport

go 1.23.0

require (
	antechamber.invalid/clients/check v0.0.0
	github.com/mongodb-forks/digest v1.1.0
	golang.org/x/oauth2 v0.30.0
)

replace antechamber.invalid/clients/check => ../check
